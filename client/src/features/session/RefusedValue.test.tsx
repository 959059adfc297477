// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { FieldDefinition } from "../../protocol/protocol.gen";
import type { RefusedInput } from "../../sync";
import { type Live, LiveContext } from "./live";
import { RefusedValue } from "./RefusedValue";

const FIELD = { key: "name", label: "Name", type: "text", options: [], unit: null } as unknown as FieldDefinition;
const REFUSAL = {
  id: "r1",
  code: "not_driver",
  command: { type: "set_field", field_key: "name", content: "Lovelace" },
} as unknown as RefusedInput;

it("[SE25] what was refused comes into sight once it is there, and takes no focus", () => {
  const seen = vi.spyOn(HTMLElement.prototype, "scrollIntoView").mockImplementation(() => undefined);
  const live = { is_driving: true, model: {}, head: { driver: {} }, person: {}, view: {} } as unknown as Live;
  const page = (refusals: RefusedInput[]) => (
    <MantineProvider>
      <LiveContext value={live}>
        <RefusedValue field={FIELD} refusals={refusals} onUse={() => undefined} />
      </LiveContext>
    </MantineProvider>
  );
  const { rerender, container } = render(page([]));
  expect(seen).not.toHaveBeenCalled();
  rerender(page([REFUSAL]));
  rerender(page([REFUSAL]));
  expect(seen).toHaveBeenCalledExactlyOnceWith({ block: "nearest" });
  expect(seen.mock.contexts[0]).toBe(container.querySelector("fieldset"));
  expect(document.activeElement).toBe(document.body);
});
