import { Menu as DropMenu, useMantineColorScheme } from "@mantine/core";
import {
  IconAlertTriangle,
  IconApi,
  IconBell,
  IconBroadcast,
  IconHistory,
  IconLogout,
  IconMoon,
  IconPlayerPlay,
  IconPlugConnected,
  IconPlus,
  IconSettings,
  IconSun,
  IconUser,
  IconUsers,
  IconWorld,
} from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link, useLocation, useRoute } from "wouter";
import { mayHelp } from "../../lib/help";
import type { Me } from "../../lib/locale";
import { mayWriteNotices } from "../../lib/notices";
import { useOpenSessions } from "../../lib/openSessions";
import { persistently } from "../../lib/persistently";
import { usePalette } from "../../palette/palette";
import { useSync } from "../../sync";
import { PersonMark } from "../../ui/PersonMark";
import { countSigns, useAttentionCount } from "./attentionCount";
import classes from "./Menu.module.css";
import type { Obstacle } from "./SignOutDialog";
import { signOut } from "./signOut";
import { useWaitingHelp } from "./useWaitingHelp";

/** Of no use without the network, either. */
const LocaleDialog = lazy(() =>
  persistently(() => import("./LocaleDialog")).then((it) => ({ default: it.LocaleDialog })),
);
/** Asked for at once, not when it is opened: it is needed most where the network is gone. */
const signOutDialog = persistently(() => import("./SignOutDialog"));
const SignOutDialog = lazy(() => signOutDialog.then((it) => ({ default: it.SignOutDialog })));

const ADMIN_PAGES = [
  { id: "people", label: "the people", href: "/people" },
  { id: "tokens", label: "the API tokens", href: "/tokens" },
  { id: "settings", label: "the settings", href: "/settings" },
  { id: "audit", label: "the audit log", href: "/audit" },
];
const ANYWHERE = ["answers", "one_line_field", "input", "elsewhere"] as const;

interface MenuProps extends Pick<Me, "person" | "house" | "policy"> {
  /** Words beside the icons whatever the width, as in the drawer of small screens. */
  is_wide?: boolean;
  onGo?: () => void;
}

export function Menu({ person, house, policy, is_wide = false, onGo }: MenuProps) {
  const sync = useSync();
  const open = useOpenSessions(person.id);
  const attention = useAttentionCount();
  const [obstacle, setObstacle] = useState<Obstacle | null>(null);
  const [, navigate] = useLocation();
  const leave = async (): Promise<void> => setObstacle(open.length > 0 ? "open" : await signOut(sync, false));
  const is_admin = person.roles.includes("admin");
  const may_set_alerts = ["supervisor", "manager", "admin"].some((role) => person.roles.includes(role));
  const integrations = is_admin ? "Integrations" : "My Connections";
  usePalette([
    // No letter: typed beside a Field by mistake, it would take an agent out of the call.
    { id: "new", label: "Start a Session", keys: ["F9"], places: ANYWHERE, run: () => navigate("/new") },
    { id: "sessions", label: "Show the Sessions", keys: [], places: [], run: () => navigate("/sessions") },
    { id: "attention", label: "Show what needs attention", keys: [], places: [], run: () => navigate("/attention") },
    {
      id: "integrations",
      label: `Show ${integrations === "Integrations" ? "the Integrations" : "my Connections"}`,
      keys: [],
      places: [],
      run: () => navigate("/integrations"),
    },
    ...(is_admin ? ADMIN_PAGES : []).map(({ id, label, href }) => ({
      id,
      label: `Show ${label}`,
      keys: [],
      places: [],
      run: () => navigate(href),
    })),
    ...(mayWriteNotices(person.roles)
      ? [{ id: "show_notices", label: "Show the notices", keys: [], places: [], run: () => navigate("/notices") }]
      : []),
    { id: "account", label: "My account", keys: [], places: [], run: () => navigate("/account") },
    { id: "locale", label: "Language and region…", keys: [], places: [], run: () => setLocaleOpen(true) },
    { id: "sign_out", label: "Sign out…", keys: [], places: [], run: () => void leave() },
  ]);
  const [is_locale_open, setLocaleOpen] = useState<boolean | null>(null);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const is_dark = colorScheme === "dark" || (colorScheme === "auto" && prefersDark());
  return (
    <div className={classes.menu} data-wide={is_wide || undefined}>
      <div className={classes.head}>
        <Link href="/sessions" className={classes.brand} onClick={onGo} aria-label={house} title={house}>
          <span className={classes.logo} aria-hidden="true" />
          <span className={classes.word}>{house}</span>
        </Link>
        <Link
          href="/new"
          className={classes.plus}
          aria-label="Start a Session"
          aria-keyshortcuts="F9"
          title="Start a Session (F9)"
          onClick={onGo}
        >
          <IconPlus size={18} stroke={2} />
        </Link>
      </div>
      <nav aria-label="Main" className={classes.nav}>
        <p className={classes.group}>Sessions</p>
        <Item href="/new" icon={<IconPlayerPlay size={18} />} label="New Sessions" onGo={onGo} />
        <Live person={person} onGo={onGo} />
        <Item
          href="/attention"
          icon={<IconAlertTriangle size={18} />}
          label="Needs attention"
          badge={attention}
          onGo={onGo}
        />
        {may_set_alerts && <Item href="/alerts" icon={<IconBell size={18} />} label="Alerts" onGo={onGo} />}
        <p className={classes.group}>Account</p>
        {is_admin && <Item href="/people" icon={<IconUsers size={18} />} label="People" onGo={onGo} />}
        <Item href="/integrations" icon={<IconPlugConnected size={18} />} label={integrations} onGo={onGo} />
        {is_admin && <Item href="/tokens" icon={<IconApi size={18} />} label="API" onGo={onGo} />}
        {is_admin && <Item href="/settings" icon={<IconSettings size={18} />} label="Settings" onGo={onGo} />}
        {is_admin && <Item href="/audit" icon={<IconHistory size={18} />} label="Audit log" onGo={onGo} />}
      </nav>
      <div className={classes.foot}>
        <DropMenu position="top-start" width={240}>
          <DropMenu.Target>
            <button type="button" className={classes.person} title={`${person.name}, ${person.roles.join(", ")}`}>
              <PersonMark id={person.id} name={person.name} size={30} />
              <div className={classes.word}>
                <div className={classes.name}>{person.name}</div>
                <div className={classes.roles}>{person.roles.join(", ")}</div>
              </div>
              <span className="visually-hidden">, my account</span>
            </button>
          </DropMenu.Target>
          <DropMenu.Dropdown>
            <DropMenu.Item component={Link} href="/account" leftSection={<IconUser size={16} />} onClick={onGo}>
              My account
            </DropMenu.Item>
            <DropMenu.Item leftSection={<IconWorld size={16} />} onClick={() => setLocaleOpen(true)}>
              Language and region…
            </DropMenu.Item>
          </DropMenu.Dropdown>
        </DropMenu>
        {obstacle !== null && (
          <Suspense>
            <SignOutDialog person_id={person.id} policy={policy} obstacle={obstacle} onChange={setObstacle} />
          </Suspense>
        )}
        {is_locale_open !== null && (
          <Suspense fallback={null}>
            <LocaleDialog opened={is_locale_open} onClose={() => setLocaleOpen(false)} />
          </Suspense>
        )}
        <div className={classes.tools}>
          <button
            type="button"
            className={classes.tool}
            aria-label={is_dark ? "Use light colours" : "Use dark colours"}
            title={is_dark ? "Use light colours" : "Use dark colours"}
            onClick={() => setColorScheme(is_dark ? "light" : "dark")}
          >
            {is_dark ? <IconSun size={18} /> : <IconMoon size={18} />}
          </button>
          <button
            type="button"
            className={classes.tool}
            aria-label="Sign out"
            title="Sign out"
            onClick={() => void leave()}
          >
            <IconLogout size={18} />
          </button>
        </div>
      </div>
    </div>
  );
}

/** With how many ask this person for help or alert them, to those who may come. */
function Live({ person, onGo }: Pick<Me, "person"> & Pick<ItemProps, "onGo">) {
  const item = { href: "/sessions", icon: <IconBroadcast size={18} />, label: "Live", onGo };
  return mayHelp(person.roles) ? <LiveWithHelp person_id={person.id} {...item} /> : <Item {...item} />;
}

function LiveWithHelp({ person_id, ...item }: ItemProps & { person_id: string }) {
  const { asking, count } = useWaitingHelp(person_id);
  return (
    <>
      <Item {...item} badge={countSigns(count)} />
      <span className="visually-hidden" role="status">
        {asking.length > 0 && `${asking.join(", ")} ${asking.length === 1 ? "asks" : "ask"} you for help`}
      </span>
    </>
  );
}

interface ItemProps {
  href: string;
  icon: ReactNode;
  label: string;
  /** How many there are; nothing if there are none. */
  badge?: string;
  onGo: (() => void) | undefined;
}

function Item({ href, icon, label, badge = "", onGo }: ItemProps) {
  const [is_here] = useRoute(href);
  return (
    <Link
      href={href}
      className={classes.item}
      aria-current={is_here ? "page" : undefined}
      aria-label={badge === "" ? label : `${label} ${badge}`}
      title={label}
      onClick={onGo}
    >
      {icon}
      <span className={classes.word}>{label}</span> {badge !== "" && <span className={classes.badge}>{badge}</span>}
    </Link>
  );
}

function prefersDark(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches;
}
