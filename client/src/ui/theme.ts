/** The look in figures: one accent, quiet greys, fonts of the system. Colours of meaning are in tokens.css. */

import { createTheme, Drawer, Modal, Tooltip } from "@mantine/core";

const FONTS =
  'ui-sans-serif, system-ui, -apple-system, "Segoe UI Variable Text", "Segoe UI", Roboto, Inter, sans-serif';

const CLOSE = { "aria-label": "Close" };

export const theme = createTheme({
  primaryColor: "iris",
  primaryShade: 6,
  autoContrast: true,
  fontFamily: FONTS,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, monospace',
  headings: { fontFamily: FONTS, fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  colors: {
    iris: [
      "#eef1ff",
      "#dfe4fd",
      "#bcc5f3",
      "#96a3e9",
      "#7586e1",
      "#6375dd",
      "#4658d0",
      "#3a4bb9",
      "#3242a5",
      "#283791",
    ],
    // Mantine's, but for the last two: what is won, dark enough for white text on it.
    teal: [
      "#e6fcf5",
      "#c3fae8",
      "#96f2d7",
      "#63e6be",
      "#38d9a9",
      "#20c997",
      "#12b886",
      "#0ca678",
      "#17784a",
      "#11633c",
    ],
    gray: [
      "#f8f8fa",
      "#f2f3f6",
      "#e7e9ee",
      "#dadde4",
      "#c4c8d2",
      "#9ea3b0",
      "#656a79",
      "#515664",
      "#393d48",
      "#22252d",
    ],
    dark: [
      "#e3e5eb",
      "#b6bac6",
      "#9a9fae",
      "#767b8a",
      "#383c48",
      "#2b2e38",
      "#20232b",
      "#181a21",
      "#121419",
      "#0c0d11",
    ],
  },
  components: {
    Modal: Modal.extend({
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35 }, closeButtonProps: CLOSE },
      styles: { title: { fontSize: 17, fontWeight: 650, lineHeight: 1.35, overflowWrap: "anywhere" } },
    }),
    Drawer: Drawer.extend({ defaultProps: { overlayProps: { backgroundOpacity: 0.18 }, closeButtonProps: CLOSE } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});
