/** What somebody sees who is not signed in: the demo's door, a page to sign in, or how the first people are made. */

import { useFetched } from "../../lib/http";
import type { House } from "../../protocol/protocol.gen";
import { DemoEntrance } from "./DemoEntrance";
import { NoPeoplePage } from "./NoPeoplePage";
import { SignInPage } from "./SignInPage";
import { Unreachable, Waiting } from "./waiting";

export default function Entrance() {
  const house = useFetched<House>("/api/house");
  switch (house.phase) {
    case "loading":
      return <Waiting />;
    case "failed":
      return <Unreachable />;
    case "ready":
      if (house.value.demo) return <DemoEntrance />;
      return house.value.has_people ? <SignInPage house_name={house.value.name} /> : <NoPeoplePage />;
  }
}
