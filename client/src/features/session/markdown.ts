/** Section content as a tree of tokens. `{{field_key}}` becomes a token of its own; nothing is turned into HTML. */

import { Marked, type Token, type TokenizerAndRendererExtension } from "marked";

const VARIABLE = /^\{\{\s*([a-z][a-z0-9_]{0,63})\s*\}\}/;

const variable: TokenizerAndRendererExtension = {
  name: "variable",
  level: "inline",
  start: (source) => {
    const place = source.indexOf("{{");
    return place === -1 ? undefined : place;
  },
  tokenizer: (source) => {
    const found = VARIABLE.exec(source);
    return found === null ? undefined : { type: "variable", raw: found[0], key: found[1] };
  },
};

const marked = new Marked({ gfm: true, extensions: [variable] });

export function lex(markdown: string): readonly Token[] {
  return marked.lexer(markdown);
}

/** An address that may be followed from a Section, or null: no script, no file. */
export function safeHref(href: string): string | null {
  return /^(https?:|mailto:|tel:)/i.test(href) ? href : null;
}
