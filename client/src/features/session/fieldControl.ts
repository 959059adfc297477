/** What every control of a Field is given, whatever its type. */

import type { FieldContent, FieldDefinition } from "../../protocol/protocol.gen";

export interface FieldControl {
  field: FieldDefinition;
  /** Null if empty or masked. */
  content: FieldContent;
  /** The content as people read it; "" if empty or masked. */
  shown: string;
  read_only: boolean;
  /** What was entered last was not accepted, and is shown beside the control. */
  is_refused: boolean;
  is_wrong: boolean;
  described_by: string;
  /** Typed, leaves after a pause. */
  onType: (content: FieldContent) => void;
  /** Chosen, leaves at once. */
  onChoose: (content: FieldContent) => void;
}
