/** Section content on screen: React elements from Markdown tokens, variables through `renderVariable`. */

import type { Token, Tokens } from "marked";
import { createElement, Fragment, type ReactNode, useMemo } from "react";
import type { Key } from "../../protocol/protocol.gen";
import classes from "./Content.module.css";
import { lex, safeHref } from "./markdown";

type RenderVariable = (key: Key) => ReactNode;

export function Content({ markdown, renderVariable }: { markdown: string; renderVariable: RenderVariable }) {
  const tokens = useMemo(() => lex(markdown), [markdown]);
  return <div className={classes.content}>{renderAll(tokens, renderVariable)}</div>;
}

function renderAll(tokens: readonly Token[] | undefined, renderVariable: RenderVariable): ReactNode {
  return tokens?.map((token, index) => (
    // Tokens have no identity, and the list is made anew with each text.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Fragment key={index}>{renderToken(token, renderVariable)}</Fragment>
  ));
}

function renderToken(token: Token, renderVariable: RenderVariable): ReactNode {
  const inner = (): ReactNode => renderAll((token as Tokens.Generic).tokens, renderVariable);
  switch (token.type) {
    case "variable":
      return renderVariable((token as Tokens.Generic).key as Key);
    case "paragraph":
      return <p>{inner()}</p>;
    case "heading":
      // Level 1 is the Section's name.
      return createElement(`h${Math.min(6, (token as Tokens.Heading).depth + 1)}`, null, inner());
    case "list":
      return renderList(token as Tokens.List, renderVariable);
    case "blockquote":
      return <blockquote>{inner()}</blockquote>;
    case "code":
      return (
        <pre>
          <code>{token.text}</code>
        </pre>
      );
    case "hr":
      return <hr />;
    case "strong":
      return <strong>{inner()}</strong>;
    case "em":
      return <em>{inner()}</em>;
    case "del":
      return <del>{inner()}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "link":
      return renderLink(token as Tokens.Link, inner());
    case "text":
      return (token as Tokens.Text).tokens === undefined ? token.text : inner();
    case "escape":
    case "image":
      return token.text;
    case "space":
    case "def":
      return null;
    default:
      // HTML, tables and whatever else: as its author typed it, never as markup.
      return token.raw;
  }
}

function renderList(list: Tokens.List, renderVariable: RenderVariable): ReactNode {
  const items = list.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity, and the list is made anew with each text
    <li key={index}>{renderAll(item.tokens, renderVariable)}</li>
  ));
  return list.ordered ? <ol start={list.start === "" ? 1 : list.start}>{items}</ol> : <ul>{items}</ul>;
}

function renderLink(link: Tokens.Link, inner: ReactNode): ReactNode {
  const href = safeHref(link.href);
  if (href === null) return inner;
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {inner}
    </a>
  );
}
