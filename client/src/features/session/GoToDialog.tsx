import { Modal, TextInput } from "@mantine/core";
import { IconEye, IconSearch } from "@tabler/icons-react";
import type { Key, Section } from "../../protocol/protocol.gen";
import { useFinder } from "./finder";
import classes from "./GoToDialog.module.css";
import { useLive } from "./live";

interface GoToDialogProps {
  opened: boolean;
  onClose: () => void;
  onPeek: (key: Key) => void;
}

/** Finds a Section: to jump to, if it is open to jumps, or to look at. Enter before a word was typed means none. */
export function GoToDialog({ opened, onClose, onPeek }: GoToDialogProps) {
  const { may_move } = useLive();
  return (
    <Modal opened={opened} onClose={onClose} title={may_move ? "Go to Section" : "Look at a Section"} size="lg">
      <Finder onClose={onClose} onPeek={onPeek} />
    </Modal>
  );
}

function Finder({ onClose, onPeek }: { onClose: () => void; onPeek: (key: Key) => void }) {
  const { guide, section: current, may_move, act } = useLive();
  const may_go = (section: Section): boolean => may_move && section.open_to_jumps;
  const { found, marked, input } = useFinder((words) => {
    const fit = guide.document.sections.filter(
      ({ key, name }) => key !== current.key && words.every((word) => name.toLowerCase().includes(word)),
    );
    return [...fit.filter(may_go), ...fit.filter((section) => !may_go(section))];
  });
  const open = found.filter(may_go);
  const others = found.filter((section) => !may_go(section));

  const choose = (section: Section): void => {
    if (may_go(section)) act({ type: "go_to", section_key: section.key });
    else onPeek(section.key);
    onClose();
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (marked !== undefined) choose(marked);
      }}
    >
      <TextInput
        type="search"
        aria-label="Find a Section"
        placeholder="Find a Section…"
        data-autofocus
        leftSection={<IconSearch size={16} />}
        aria-controls="found-sections"
        aria-activedescendant={marked && `found-${marked.key}`}
        {...input}
      />
      {may_move && open.length === 0 && <p className={classes.none}>No Section that is open to jumps matches.</p>}
      <div id="found-sections">
        {open.length > 0 && (
          <>
            <h3 className={classes.heading}>Open to jumps</h3>
            <SectionList sections={open} marked={marked} onChoose={choose} onPeek={onPeek} onClose={onClose} />
          </>
        )}
        {others.length > 0 && (
          <>
            <h3 className={classes.heading}>{may_move ? "Only to look at" : "Sections"}</h3>
            <SectionList sections={others} marked={marked} onChoose={choose} />
          </>
        )}
      </div>
    </form>
  );
}

interface SectionListProps {
  sections: readonly Section[];
  /** The one that Enter means. */
  marked: Section | undefined;
  onChoose: (section: Section) => void;
  onPeek?: (key: Key) => void;
  onClose?: () => void;
}

function SectionList({ sections, marked, onChoose, onPeek, onClose }: SectionListProps) {
  return (
    <ul className={classes.sections}>
      {sections.map((section) => (
        <li key={section.key} className={classes.row}>
          <button
            type="button"
            id={`found-${section.key}`}
            className={classes.section}
            data-marked={section === marked || undefined}
            onClick={() => onChoose(section)}
          >
            {section.name}
          </button>
          {onPeek !== undefined && (
            <button
              type="button"
              className={classes.peek}
              aria-label={`Peek at ${section.name}`}
              title="Peek without moving"
              onClick={() => {
                onPeek(section.key);
                onClose?.();
              }}
            >
              <IconEye size={16} />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
