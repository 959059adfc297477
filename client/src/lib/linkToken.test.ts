// @vitest-environment happy-dom
import { act, renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { useLinkToken, WELCOME, watchLinks } from "./linkToken";

it("[PX3] leaves the address at once, and a second link in the same tab counts", () => {
  history.replaceState(null, "", `${WELCOME}#first`);
  watchLinks();
  expect(location.href).toMatch(/\/welcome$/);
  const { result } = renderHook(useLinkToken);
  expect(result.current).toBe("first");

  act(() => {
    history.replaceState(null, "", `${WELCOME}#second`);
    window.dispatchEvent(new Event("hashchange"));
  });

  expect(location.href).toMatch(/\/welcome$/);
  expect(result.current).toBe("second");
});

it("[PX3] touches no other address", () => {
  history.replaceState(null, "", "/sessions#fields");
  watchLinks();

  expect(location.hash).toBe("#fields");
});
