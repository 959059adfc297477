/** Views of the lists that this person keeps under a name: go to one, keep this one, rename, remove, open with one. Rules BP7 to BP9. */

import { ActionIcon, Button, Checkbox, Group, Menu, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconBookmark, IconPencil, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { askAgain, send, useFetched } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type { SavedView, SavedViews, ViewChoice } from "../../protocol/protocol.gen";
import { keptSearch } from "./filters";
import classes from "./ViewsMenu.module.css";

const VIEWS = "/api/me/views";
const NONE: readonly SavedView[] = [];

export function ViewsMenu({ search }: { search: string }) {
  const [, navigate] = useLocation();
  const fetched = useFetched<SavedViews>(VIEWS);
  const views = fetched.phase === "ready" ? fetched.value.views : NONE;
  const [edited, setEdited] = useState<SavedView | null>(null);
  const [has_arrived, setArrived] = useState(false);
  const here = keptSearch(search);
  const current = views.find((view) => view.search === here);
  const by_default = views.find(({ is_default }) => is_default);

  // Whoever comes to the page without asking for anything comes to what they want to open with; once.
  useEffect(() => {
    if (has_arrived || fetched.phase !== "ready") return;
    setArrived(true);
    if (search === "" && by_default !== undefined) navigate(pageOf(by_default), { replace: true });
  }, [has_arrived, fetched.phase, search, by_default, navigate]);

  return (
    <>
      <Menu position="bottom-end" width={300} returnFocus>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} />} className={classes.button}>
            <span className={classes.name}>{current?.name ?? "Views"}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.length === 0 && <Text className={classes.hint}>Keep what you filtered, ordered and grouped.</Text>}
          {views.map((view) => (
            <Menu.Item
              key={view.id}
              aria-current={view === current || undefined}
              onClick={() => navigate(pageOf(view))}
              rightSection={view.is_default && <span className={classes.default}>Default</span>}
            >
              <span className={classes.name}>{view.name}</span>
            </Menu.Item>
          ))}
          <Menu.Divider />
          {current === undefined ? (
            <Menu.Item
              leftSection={<IconBookmark size={16} />}
              onClick={() => setEdited({ id: "", name: "", search: here, is_default: false })}
            >
              Save this view…
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setEdited(current)}>
              Change “{current.name}”…
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {edited !== null && <ViewDialog view={edited} onClose={() => setEdited(null)} />}
    </>
  );
}

function ViewDialog({ view, onClose }: { view: SavedView; onClose: () => void }) {
  const [name, setName] = useState(view.name);
  const [is_default, setDefault] = useState(view.is_default);
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const is_new = view.id === "";
  const ask = async (method: "PUT" | "DELETE", body?: ViewChoice): Promise<void> => {
    setSending(true);
    const sent = await send(method, `${VIEWS}/${is_new ? drawId() : view.id}`, body);
    setSending(false);
    if (!sent.is_done) return setProblem(sentence(sent.expected));
    askAgain(VIEWS);
    onClose();
  };
  const keep = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() === "") setProblem("A view needs a name.");
    else void ask("PUT", { name: name.trim(), search: view.search, is_default });
  };
  return (
    <Modal opened onClose={onClose} title={is_new ? "Save this view" : "Change this view"}>
      <form onSubmit={keep} noValidate>
        <Stack gap="md">
          <TextInput
            label="Name"
            data-autofocus
            maxLength={80}
            value={name}
            error={problem}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Checkbox
            label="Open Sessions with it"
            checked={is_default}
            onChange={(event) => setDefault(event.currentTarget.checked)}
          />
          <Text size="sm" c="var(--sc-soft)">
            Filters, order and groups are kept, on every device of yours; words searched for are not.
          </Text>
          <Group justify="flex-end" gap="xs">
            {!is_new && (
              <ActionIcon
                className={classes.remove}
                variant="subtle"
                color="gray"
                size={40}
                aria-label={`Remove “${view.name}”`}
                onClick={() => void ask("DELETE")}
              >
                <IconTrash size={18} />
              </ActionIcon>
            )}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={is_sending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function pageOf({ search }: SavedView): string {
  return search === "" ? "/sessions" : `/sessions?${search}`;
}

function drawId(): string {
  // Also where there is no https, which `randomUUID` asks for.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
