/** Which page is shown: who is signed in decides first, the address second. */

import { Button } from "@mantine/core";
import { lazy, Suspense, useEffect, useState } from "react";
import { Link, Redirect, Route, Switch, useRoute } from "wouter";
import { SessionPage } from "./features/session/SessionPage";
import { Shell } from "./features/shell/Shell";
import { setProof, useFetched } from "./lib/http";
import { WELCOME } from "./lib/linkToken";
import { type Me, setLocale } from "./lib/locale";
import { persistently } from "./lib/persistently";
import { useWatchHidden } from "./lib/watchHidden";
import type { FirstSteps } from "./protocol/protocol.gen";
import { createSync, SyncProvider } from "./sync";
import { MessagePage } from "./ui/MessagePage";
import { Unreachable } from "./ui/Unreachable";

const ME = "/api/me";
const NOT_SIGNED_IN = 401;

/** Not a part of what a call waits for, and there soon after it: also for who has gone offline since. */
const pickerPage = persistently(() => import("./features/picker/PickerPage"));
const PickerPage = lazy(() => pickerPage);
const sessionsPage = persistently(() => import("./features/sessions/SessionsPage"));
const SessionsPage = lazy(() => sessionsPage);

/** Rarely opened, and large. */
const IntegrationsPage = lazy(() => persistently(() => import("./features/integrations/IntegrationsPage")));
const PeoplePage = lazy(() => persistently(() => import("./features/people/PeoplePage")));
const ApiPage = lazy(() => persistently(() => import("./features/api/ApiPage")));
const FirstStepsPage = lazy(() => persistently(() => import("./features/house/FirstStepsPage")));
const SettingsPage = lazy(() => persistently(() => import("./features/house/SettingsPage")));
const AuditPage = lazy(() => persistently(() => import("./features/audit/AuditPage")));
const AccountPage = lazy(() => persistently(() => import("./features/shell/AccountPage")));
const FrameCodePage = lazy(() => persistently(() => import("./features/shell/FrameCodePage")));
const StartPage = lazy(() => persistently(() => import("./features/picker/StartPage")));
const NoticesPage = lazy(() => persistently(() => import("./features/notices/NoticesPage")));
const AttentionPage = lazy(() => persistently(() => import("./features/attention/AttentionPage")));
const AlertsPage = lazy(() => persistently(() => import("./features/alerts/AlertsPage")));
const ReplayPage = lazy(() =>
  persistently(() => import("./features/session/past")).then((it) => ({ default: it.ReplayPage })),
);
const DeliveriesPage = lazy(() => persistently(() => import("./features/integrations/DeliveriesPage")));

/** Of the doors nothing is loaded by who is inside. */
const Entrance = lazy(() => persistently(() => import("./features/entrance/Entrance")));
const ProblemPage = lazy(() => persistently(() => import("./features/entrance/ProblemPage")));
const WelcomePage = lazy(() => persistently(() => import("./features/entrance/WelcomePage")));
const DocsPage = lazy(() => persistently(() => import("./features/api/DocsPage")));

export function App() {
  const [is_welcome] = useRoute(WELCOME);
  const [is_docs] = useRoute("/api/docs");
  const [is_problem] = useRoute("/sign-in/problem");
  if (is_docs || is_problem) {
    return <Suspense>{is_docs ? <DocsPage /> : <ProblemPage />}</Suspense>;
  }
  // Whoever is signed in here already: the link may be for somebody else.
  return is_welcome ? (
    <Suspense>
      <WelcomePage />
    </Suspense>
  ) : (
    <Whoever />
  );
}

function Whoever() {
  const me = useFetched<Me>(ME);
  switch (me.phase) {
    case "loading":
      return null;
    case "failed":
      return me.status === NOT_SIGNED_IN ? (
        <Suspense>
          <Entrance />
        </Suspense>
      ) : (
        <Unreachable path={ME} />
      );
    case "ready":
      setLocale(me.value.person.locale);
      setProof(me.value.csrf);
      return <SignedIn me={me.value} />;
  }
}

function SignedIn({ me: { person, house, policy, way } }: { me: Me }) {
  const [sync] = useState(() => createSync({ person_id: person.id }));
  const [hides] = useWatchHidden(person);
  useEffect(() => sync.hide(hides), [sync, hides]);
  useEffect(() => {
    sync.start();
    return sync.stop;
  }, [sync]);
  return (
    <SyncProvider sync={sync}>
      <Shell person={person} house={house} policy={policy}>
        <Switch>
          <Route path="/">
            <StartOf person={person} />
          </Route>
          <Route path="/sessions">
            <Suspense>
              <SessionsPage person={person} />
            </Suspense>
          </Route>
          <Route path="/new">
            <Suspense>
              <PickerPage person={person} />
            </Suspense>
          </Route>
          <Route path="/start">
            <Suspense>
              <StartPage person={person} />
            </Suspense>
          </Route>
          <Route path="/notices">
            <Suspense>
              <NoticesPage person={person} />
            </Suspense>
          </Route>
          <Route path="/attention">
            <Suspense>
              <AttentionPage />
            </Suspense>
          </Route>
          <Route path="/alerts">
            <Suspense>
              <AlertsPage person={person} />
            </Suspense>
          </Route>
          <Route path="/integrations">
            <Suspense>
              <IntegrationsPage person={person} />
            </Suspense>
          </Route>
          <Route path="/integrations/:connection_id">
            {({ connection_id }) => (
              <Suspense>
                <DeliveriesPage key={connection_id} connection_id={connection_id} />
              </Suspense>
            )}
          </Route>
          <Route path="/people">
            <Suspense>
              <PeoplePage person={person} />
            </Suspense>
          </Route>
          <Route path="/tokens">
            <Suspense>
              <ApiPage person={person} />
            </Suspense>
          </Route>
          <Route path="/first-steps">
            <Suspense>
              <FirstStepsPage person={person} />
            </Suspense>
          </Route>
          <Route path="/settings">
            <Suspense>
              <SettingsPage person={person} />
            </Suspense>
          </Route>
          <Route path="/audit">
            <Suspense>
              <AuditPage person={person} />
            </Suspense>
          </Route>
          <Route path="/frame-code">
            <Suspense>
              <FrameCodePage person={person} />
            </Suspense>
          </Route>
          <Route path="/account">
            <Suspense>
              <AccountPage person={person} way={way} />
            </Suspense>
          </Route>
          <Route path="/sessions/:session_id/replay">
            {({ session_id }) => (
              <Suspense>
                <ReplayPage key={session_id} session_id={session_id} person={person} policy={policy} />
              </Suspense>
            )}
          </Route>
          <Route path="/sessions/:session_id">
            {({ session_id }) => (
              <SessionPage key={session_id} session_id={session_id} person={person} policy={policy} />
            )}
          </Route>
          <Route>
            <MessagePage title="There is no such page" text="The link is incomplete, or what it led to is gone.">
              <div>
                <Button component={Link} href="/sessions">
                  Live Sessions
                </Button>
              </div>
            </MessagePage>
          </Route>
        </Switch>
      </Shell>
    </SyncProvider>
  );
}

/** Administrators begin with the first steps, until these are done or dismissed. Rule FQ2. */
function StartOf({ person }: Pick<Me, "person">) {
  const is_admin = person.roles.includes("admin");
  const steps = useFetched<FirstSteps>(is_admin ? "/api/first-steps" : null);
  if (is_admin && steps.phase === "loading") return null;
  const { dismissed = true, ...done } = steps.phase === "ready" ? steps.value : {};
  const is_left = !dismissed && Object.values(done).includes(false);
  return <Redirect to={is_left ? "/first-steps" : "/sessions"} replace />;
}
