/** The API as its OpenAPI document tells it, for everybody who opens the address; nothing comes from elsewhere. Rule AP18. */

import { Button } from "@mantine/core";
import { useEffect } from "react";
import { useFetched } from "../../lib/http";
import { CopyButton } from "../../ui/CopyButton";
import { MessagePage } from "../../ui/MessagePage";
import { Unreachable } from "../../ui/Unreachable";
import classes from "./DocsPage.module.css";
import { curlOf, type Group, groupsOf, type OpenApi, type Operation, type Part } from "./document";

const DOCUMENT = "/api/v1/openapi.json";

export default function DocsPage() {
  const fetched = useFetched<OpenApi>(DOCUMENT);
  if (fetched.phase === "loading") return <MessagePage title="Loading…" text="" />;
  if (fetched.phase === "failed") return <Unreachable path={DOCUMENT} />;
  return <Docs document={fetched.value} groups={groupsOf(fetched.value)} />;
}

function Docs({ document: told, groups }: { document: OpenApi; groups: readonly Group[] }) {
  // What the address names was not there yet when the browser looked for it.
  useEffect(() => document.getElementById(location.hash.slice(1))?.scrollIntoView(), []);
  return (
    <div className={classes.docs}>
      <title>API documentation · Sidecoach</title>
      <nav className={classes.nav} aria-label="Operations">
        <p className={classes.brand}>
          <span className={classes.logo} aria-hidden="true" />
          Sidecoach API
        </p>
        {groups.map(({ name, operations }) => (
          <div key={name}>
            <p className={classes.group}>{titleOf(name)}</p>
            <ul>
              {operations.map(({ id, method, summary }) => (
                <li key={id}>
                  <a href={`#${id}`}>
                    <Method method={method} />
                    <span>{summary}</span>
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <main className={classes.main}>
        <header className={classes.intro}>
          <h1>Sidecoach API</h1>
          {told.info.description
            .trim()
            .split("\n\n")
            .map((paragraph) => (
              <p key={paragraph}>{inline(paragraph)}</p>
            ))}
          <Button component="a" href={DOCUMENT} variant="default" size="sm">
            OpenAPI 3.1 document
          </Button>
        </header>
        {groups.map(({ name, operations }) => (
          <section key={name} aria-label={titleOf(name)}>
            <h2 className={classes.section}>{titleOf(name)}</h2>
            {operations.map((operation) => (
              <OperationCard key={operation.id} operation={operation} />
            ))}
          </section>
        ))}
      </main>
    </div>
  );
}

function OperationCard({ operation }: { operation: Operation }) {
  const { id, method, path, summary, scope, parameters, body, answer, status, problems } = operation;
  const curl = curlOf(operation, location.origin);
  return (
    <article className={classes.card} id={id} aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{summary}</h3>
      <p className={classes.address}>
        <Method method={method} /> <code>{path}</code>
        <span className={classes.scope}>
          scope <code>{scope}</code>
        </span>
      </p>
      <Parts title="Parameters" parts={parameters} />
      <Parts title="Body" parts={body} />
      <Parts title={`Answer ${status}`} parts={answer} is_answer />
      <details className={classes.more}>
        <summary>Problems</summary>
        <ul className={classes.problems}>
          {problems.map(({ status, code, text }) => (
            <li key={code}>
              <span className={classes.status}>{status}</span> <code>{code}</code> <span>{inline(text)}</span>
            </li>
          ))}
        </ul>
      </details>
      <details className={classes.more}>
        <summary>Example</summary>
        <div className={classes.example}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and is scrolled by keys */}
          <pre tabIndex={0}>{curl}</pre>
          <CopyButton label="Copy the example" text={() => curl} size={36} />
        </div>
      </details>
    </article>
  );
}

function Parts({ title, parts, is_answer = false }: { title: string; parts: readonly Part[]; is_answer?: boolean }) {
  if (parts.length === 0) return null;
  const list = (
    <ul className={classes.parts}>
      {parts.map(({ name, type, text, is_required, depth }, place) => (
        // The same name may lie in several parts.
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a document stay where they are
        <li key={place} data-depth={depth}>
          <code>{name}</code> <span className={classes.type}>{type}</span>
          {is_required && !is_answer && <span className={classes.required}>required</span>}
          {text !== "" && <span className={classes.text}>{inline(text)}</span>}
        </li>
      ))}
    </ul>
  );
  if (!is_answer) {
    return (
      <>
        <h4>{title}</h4>
        {list}
      </>
    );
  }
  return (
    <details className={classes.more}>
      <summary>{title}</summary>
      {list}
    </details>
  );
}

function Method({ method }: { method: string }) {
  return (
    <span className={classes.method} data-method={method}>
      {method}
    </span>
  );
}

/** Bold, slanted and code, as the document writes them. */
function inline(text: string) {
  return text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/).map((piece, place) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text that does not change
    if (piece.startsWith("**")) return <strong key={place}>{piece.slice(2, -2)}</strong>;
    // biome-ignore lint/suspicious/noArrayIndexKey: the same
    if (piece.startsWith("*")) return <em key={place}>{piece.slice(1, -1)}</em>;
    // biome-ignore lint/suspicious/noArrayIndexKey: the same
    return piece.startsWith("`") ? <code key={place}>{piece.slice(1, -1)}</code> : piece;
  });
}

/** `external-ids` as *External ids*. */
function titleOf(name: string): string {
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
