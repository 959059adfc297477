// @vitest-environment happy-dom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useSteady } from "./useSteady";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup(); // the page has one clock: it stops with whoever shows it
  vi.useRealTimers();
});

function open(...keys: string[]) {
  const rows = (of: readonly string[]) => of.map((key) => ({ key }));
  const hook = renderHook(({ keys, asked }) => useSteady(rows(keys), asked), { initialProps: { keys, asked: "" } });
  return {
    hear: (...keys: string[]) => hook.rerender({ keys, asked: "" }),
    ask: (asked: string, ...keys: string[]) => hook.rerender({ keys, asked }),
    shown: () => hook.result.current.rows.map(({ key, is_gone }) => (is_gone ? `${key} gone` : key)),
    steady: () => hook.result.current,
  };
}

it("[BP6] puts rows in order once a second while nobody is among them, and counts nothing", () => {
  const list = open("a");
  list.hear("b", "a");
  expect([list.shown(), list.steady().waiting]).toEqual([["a"], 0]);
  act(() => vi.advanceTimersByTime(1_000));
  expect(list.shown()).toEqual(["b", "a"]);
});

it("[BP6] holds them while the pointer is there, and a moment longer", () => {
  const list = open("a");
  act(() => list.steady().handlers.onPointerEnter());
  list.hear("b", "a");
  act(() => vi.advanceTimersByTime(30_000));
  expect([list.shown(), list.steady().waiting]).toEqual([["a"], 1]);
  act(() => list.steady().handlers.onPointerLeave());
  act(() => vi.advanceTimersByTime(900));
  expect(list.shown()).toEqual(["a"]);
  act(() => vi.advanceTimersByTime(2_000));
  expect(list.shown()).toEqual(["b", "a"]);
});

it("[BP6] holds them while the focus is there, and lets go with it", () => {
  const list = open("a", "b");
  act(() => list.steady().handlers.onFocus());
  list.hear("b");
  act(() => vi.advanceTimersByTime(5_000));
  expect(list.shown()).toEqual(["a gone", "b"]);
  act(() => list.steady().handlers.onBlur());
  act(() => vi.advanceTimersByTime(1_000));
  expect(list.shown()).toEqual(["b"]);
});

it("[BP6] brings them up to date at one press, and holds on", () => {
  const list = open("a");
  act(() => list.steady().handlers.onPointerEnter());
  list.hear("b", "a");
  act(() => list.steady().update());
  expect([list.shown(), list.steady().waiting]).toEqual([["b", "a"], 0]);
  list.hear("c", "b", "a");
  expect(list.shown()).toEqual(["b", "a"]);
});

it("[BP6] shows what else was asked for at once, and the first row of an empty list", () => {
  const list = open();
  list.hear("a");
  expect(list.shown()).toEqual(["a"]);
  act(() => list.steady().handlers.onPointerEnter());
  list.ask("ben", "b");
  expect(list.shown()).toEqual(["b"]);
});
