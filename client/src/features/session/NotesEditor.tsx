import { defaultKeymap } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef } from "react";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import type { Text } from "yjs";
import classes from "./NotesPanel.module.css";

interface NotesEditorProps {
  text: Text;
  read_only: boolean;
  onType: () => void;
  onRest: () => void;
}

/** CodeMirror bound to the shared text, with the look of a plain sheet. Undo takes back one's own words only. */
export default function NotesEditor({ text, read_only, onType, onRest }: NotesEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const typed = useEffectEvent(onType);
  const rested = useEffectEvent(onRest);
  useEffect(() => {
    if (host.current === null) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: text.toString(),
        extensions: [
          yCollab(text, null),
          // Esc belongs to the screen, Ctrl+Enter to Continue.
          keymap.of([
            ...yUndoManagerKeymap,
            ...defaultKeymap.filter(({ key }) => key !== "Escape" && key !== "Mod-Enter"),
          ]),
          EditorView.lineWrapping,
          EditorState.readOnly.of(read_only),
          EditorView.contentAttributes.of({ "aria-label": "Notes", "aria-readonly": String(read_only) }),
          placeholder(read_only ? "No Notes" : "Anything worth remembering about this call…"),
          EditorView.domEventHandlers({ input: () => typed(), blur: () => rested() }),
        ],
      }),
    });
    return () => editor.destroy();
  }, [text, read_only]);
  return <div ref={host} className={classes.editor} />;
}
