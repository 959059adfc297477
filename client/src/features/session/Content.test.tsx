// @vitest-environment happy-dom
import { render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Content } from "./Content";

function html(markdown: string): string {
  const { container } = render(<Content markdown={markdown} renderVariable={(key) => <b>{key}</b>} />);
  return container.firstElementChild?.innerHTML ?? "";
}

describe("Content", () => {
  it("shows paragraphs, emphasis, lists and headings, one level below the Section's name", () => {
    expect(html("# Say\n\nHello *there*, **you**")).toBe(
      "<h2>Say</h2><p>Hello <em>there</em>, <strong>you</strong></p>",
    );
    expect(html("- one\n- two")).toBe("<ul><li>one</li><li>two</li></ul>");
    expect(html("3. three")).toBe('<ol start="3"><li>three</li></ol>');
  });

  it("puts a variable wherever text may be, emphasis and lists included", () => {
    expect(html("Hi {{first_name}}!")).toBe("<p>Hi <b>first_name</b>!</p>");
    expect(html("*Dear {{ a_b_c }}*")).toBe("<p><em>Dear <b>a_b_c</b></em></p>");
    expect(html("- {{one}}")).toBe("<ul><li><b>one</b></li></ul>");
  });

  it("leaves alone what only looks like a variable", () => {
    expect(html("{{Not a key}} and {{")).toBe("<p>{{Not a key}} and {{</p>");
    expect(html("`{{code}}`")).toBe("<p><code>{{code}}</code></p>");
  });

  it("never makes markup of HTML", () => {
    expect(html("<img src=x onerror=alert(1)>")).not.toContain("<img");
    expect(html("a <script>alert(1)</script> b")).not.toContain("<script");
  });

  it("follows links to the web, mail and telephone only", () => {
    expect(html("[site](https://example.org)")).toContain('href="https://example.org"');
    expect(html("[bad](javascript:alert(1))")).toBe("<p>bad</p>");
  });
});
