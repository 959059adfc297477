/** What somebody sees who is not signed in: the demo's door, a page to sign in, or how the first people are made. */

import { useFetched } from "../../lib/http";
import type { House } from "../../protocol/protocol.gen";
import { Unreachable } from "../../ui/Unreachable";
import { DemoEntrance } from "./DemoEntrance";
import { NoPeoplePage } from "./NoPeoplePage";
import { SignInPage } from "./SignInPage";
import { Waiting } from "./Waiting";

const PATH = "/api/house";

export default function Entrance() {
  const house = useFetched<House>(PATH);
  switch (house.phase) {
    case "loading":
      return <Waiting />;
    case "failed":
      return <Unreachable path={PATH} />;
    case "ready":
      if (house.value.demo) return <DemoEntrance />;
      return house.value.has_people ? <SignInPage house={house.value} /> : <NoPeoplePage />;
  }
}
