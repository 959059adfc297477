/** A bug on the page: said, with the way on, instead of an empty window. */

import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { MessagePage } from "./MessagePage";

export class Mishap extends Component<{ children: ReactNode }, { has_failed: boolean }> {
  override state = { has_failed: false };

  static getDerivedStateFromError() {
    return { has_failed: true };
  }

  override render() {
    if (!this.state.has_failed) return this.props.children;
    return (
      <MessagePage
        title="This page stopped working"
        text="That is a mistake of ours. What was saved is safe, and what was not is kept and sent after a reload."
      >
        <div>
          <Button onClick={() => location.reload()}>Reload</Button>
        </div>
      </MessagePage>
    );
  }
}
