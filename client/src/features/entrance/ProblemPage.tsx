/** Signing in with the OpenID provider came to nothing: why, in words, and the way back. Rule OI8. */

import { Button } from "@mantine/core";
import { MessagePage } from "../../ui/MessagePage";
import { ownPath, problemText } from "./words";

export default function ProblemPage() {
  const asked = new URLSearchParams(location.search);
  const { title, text } = problemText(asked.get("why"));
  return (
    <MessagePage title={title} text={text}>
      <div>
        <Button component="a" href={ownPath(asked.get("to"))}>
          Back to signing in
        </Button>
      </div>
    </MessagePage>
  );
}
