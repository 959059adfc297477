/** Fields of the current Section; below, folded and searchable, all others of the Workflow, filled ones first. */

import { TextInput } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { FieldDefinition, Key, VisitId } from "../../protocol/protocol.gen";
import { FieldRow, type WantedField } from "./FieldRow";
import classes from "./FieldsPanel.module.css";
import { filledFirst, inOrder } from "./fieldOrder";
import { OffersPlace } from "./LookUpOffer";
import { useLive } from "./live";
import { countOpen } from "./suggestions";

export function FieldsPanel({ wanted }: { wanted: WantedField | null }) {
  const { guide, section, may_hold } = useLive();
  const [offers, setOffers] = useState<HTMLElement | null>(null);
  const here = section.fields
    .flatMap((key) => guide.fields.get(key) ?? [])
    .filter((field) => may_hold(field.visible_when));
  const others = guide.document.fields.filter(
    (field) => !section.fields.includes(field.key) && may_hold(field.visible_when),
  );
  return (
    <section className={classes.panel} aria-label="Fields">
      <h2 className={classes.heading}>Fields</h2>
      {here.length === 0 && <p className={classes.none}>This Section asks for nothing.</p>}
      <OffersPlace value={offers}>
        <div className={classes.fields}>
          {here.map((field) => (
            <FieldRow key={field.key} field={field} wanted={wanted?.key === field.key ? wanted : null} />
          ))}
        </div>
        {others.length > 0 && <OtherFields fields={others} wanted={wanted} />}
      </OffersPlace>
      <div ref={setOffers} className={classes.offers} role="status" />
    </section>
  );
}

/** Their order stands while they are open on one visit: what is typed into must not move away under the hands. */
function OtherFields({ fields, wanted }: { fields: readonly FieldDefinition[]; wanted: WantedField | null }) {
  const { view, visit } = useLive();
  const [opened_for, setOpenedFor] = useState<WantedField | null>(null);
  const [is_open, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  if (wanted !== opened_for) {
    setOpenedFor(wanted);
    if (fields.some((field) => field.key === wanted?.key)) {
      setOpen(true);
      setQuery("");
    }
  }
  const is_filled = (field: FieldDefinition): boolean => view.fields[field.key] !== undefined;
  const [order, setOrder] = useState<{ visit_id: VisitId; keys: readonly Key[] } | null>(null);
  if (is_open ? order?.visit_id !== visit.id : order !== null) {
    setOrder(is_open ? { visit_id: visit.id, keys: filledFirst(fields, is_filled) } : null);
  }
  const words = query.trim().toLowerCase().split(/\s+/);
  const found = inOrder(fields, order?.keys ?? []).filter((field) =>
    words.every((word) => `${field.label} ${field.key}`.toLowerCase().includes(word)),
  );
  return (
    <div className={classes.others}>
      <h2 className={classes.heading}>
        <button type="button" className={classes.fold} aria-expanded={is_open} onClick={() => setOpen(!is_open)}>
          <IconChevronRight size={16} aria-hidden="true" />
          Other Fields
          <span className={classes.count}>
            {countOpen(view, fields) > 0 && (
              <span className={classes.suggested}>{countOpen(view, fields)} suggested</span>
            )}
            {fields.filter(is_filled).length} of {fields.length} filled
          </span>
        </button>
      </h2>
      {is_open && (
        <div className={classes.fields}>
          <TextInput
            type="search"
            size="xs"
            aria-label="Find a Field"
            placeholder="Find a Field…"
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
          />
          {found.map((field) => (
            <FieldRow key={field.key} field={field} wanted={wanted?.key === field.key ? wanted : null} />
          ))}
          {found.length === 0 && <p className={classes.none}>No Field matches “{query}”.</p>}
        </div>
      )}
    </div>
  );
}
