import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./MessagePage.module.css";

/** A page that says one thing, with a way on. */
export function MessagePage({ title, text, children }: { title: string; text: ReactNode; children?: ReactNode }) {
  return (
    <main className={classes.page}>
      <title>{`${title} · Sidecoach`}</title>
      <Stack gap="md" className={classes.message}>
        <Title order={1} size="h2">
          {title}
        </Title>
        <Text c="var(--sc-soft)">{text}</Text>
        {children}
      </Stack>
    </main>
  );
}
