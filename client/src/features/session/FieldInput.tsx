/** The control of one Field, by its type. It shows a value and tells what was entered; keeping it is not its matter. */

import type { ReactNode } from "react";
import { ChoiceInput, ManyInput, YesNoInput } from "./ChoiceInput";
import type { FieldControl } from "./fieldControl";
import { TypedInput } from "./TypedInput";

export function FieldInput(props: FieldControl): ReactNode {
  switch (props.field.type) {
    case "yes_no":
      return <YesNoInput {...props} />;
    case "single_choice":
      return <ChoiceInput {...props} />;
    case "multiple_choice":
      return <ManyInput {...props} />;
    default:
      return <TypedInput {...props} />;
  }
}
