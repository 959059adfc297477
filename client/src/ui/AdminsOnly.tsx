import { MessagePage } from "./MessagePage";

/** Instead of a page that only administrators may look at; the server refuses them what is on it, too. */
export function AdminsOnly() {
  return <MessagePage title="This page is for administrators" text="Ask one of them if you need something from it." />;
}
