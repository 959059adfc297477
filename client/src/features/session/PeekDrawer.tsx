import { Button, Drawer } from "@mantine/core";
import type { Key } from "../../protocol/protocol.gen";
import { AnswerLinks } from "./Answers";
import { Content } from "./Content";
import { useLive } from "./live";
import classes from "./PeekDrawer.module.css";
import { VariableChip } from "./VariableChip";

interface PeekDrawerProps {
  /** The Section looked at; null while none is. */
  section_key: Key | null;
  onPeek: (key: Key | null) => void;
}

/** Any Section, read-only, without moving; Esc returns. */
export function PeekDrawer({ section_key, onPeek }: PeekDrawerProps) {
  const { guide, section: current, is_driving, act } = useLive();
  const section = section_key === null ? undefined : guide.sections.get(section_key);
  const may_go = is_driving && section?.open_to_jumps === true && section.key !== current.key;
  return (
    <Drawer
      opened={section !== undefined}
      onClose={() => onPeek(null)}
      position="right"
      size={480}
      title="Only looking. The Session has not moved."
      classNames={{ title: classes.title ?? "" }}
    >
      {section !== undefined && (
        <article className={classes.section}>
          <h2 className={classes.name}>{section.name}</h2>
          <Content markdown={section.content} renderVariable={(key) => <VariableChip field_key={key} />} />
          {section.answers.length > 0 && (
            <div className={classes.answers}>
              <h3 className={classes.heading}>Answers lead to</h3>
              <AnswerLinks
                answers={section.answers}
                nameOf={(key) => guide.sections.get(key)?.name ?? key}
                onFollow={onPeek}
              />
            </div>
          )}
          {may_go && (
            <Button
              mt="lg"
              onClick={() => {
                act({ type: "go_to", section_key: section.key });
                onPeek(null);
              }}
            >
              Go to this Section
            </Button>
          )}
        </article>
      )}
    </Drawer>
  );
}
