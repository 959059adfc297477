import { defaultKeymap } from "@codemirror/commands";
import { EditorState, type Transaction } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef } from "react";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import type { Text } from "yjs";
import { styleNonce } from "../../lib/nonce";
import classes from "./NotesPanel.module.css";

/** The engine's limit (`session_engine/notes.py`). */
const MOST_CHARACTERS = 100_000;

interface NotesEditorProps {
  text: Text;
  read_only: boolean;
  onType: () => void;
  onRest: () => void;
  /** More was typed or pasted than fits; nothing was changed. */
  onFull: () => void;
}

/** CodeMirror bound to the shared text, with the look of a plain sheet. Undo takes back one's own words only. */
export default function NotesEditor({ text, read_only, onType, onRest, onFull }: NotesEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const typed = useEffectEvent(onType);
  const rested = useEffectEvent(onRest);
  const full = useEffectEvent(onFull);
  useEffect(() => {
    if (host.current === null) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: text.toString(),
        selection: { anchor: text.length }, // who comes by key goes on where the Notes end
        extensions: [
          yCollab(text, null),
          // Esc belongs to the screen, Ctrl+Enter to Continue.
          keymap.of([
            ...yUndoManagerKeymap,
            ...defaultKeymap.filter(({ key }) => key !== "Escape" && key !== "Mod-Enter"),
          ]),
          // What others wrote comes in whatever its length: the server has the last word.
          EditorState.changeFilter.of((change) => {
            if (!isOurs(change) || change.newDoc.length <= MOST_CHARACTERS) return true;
            full();
            return false;
          }),
          EditorView.cspNonce.of(styleNonce() ?? ""),
          EditorView.lineWrapping,
          EditorState.readOnly.of(read_only),
          EditorView.contentAttributes.of({ "aria-label": "Notes", "aria-readonly": String(read_only) }),
          placeholder(read_only ? "No Notes" : "Anything worth remembering about this call…"),
          EditorView.updateListener.of(({ docChanged, transactions }) => {
            if (docChanged && transactions.some(isOurs)) typed();
          }),
          EditorView.domEventHandlers({ blur: () => rested() }),
        ],
      }),
    });
    return () => editor.destroy();
  }, [text, read_only]);
  return <div ref={host} className={classes.editor} />;
}

/** Typed, pasted, dragged or deleted here, and not by somebody else. */
function isOurs(change: Transaction): boolean {
  return ["input", "move", "delete"].some((act) => change.isUserEvent(act));
}
