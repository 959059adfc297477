/**
 * The WebSocket, and nothing but it: bytes to frames and back.
 *
 * When to open, what to say and when to give up is decided in
 * `connection.ts`. Everything that a socket reports carries its generation,
 * so that an old one can be told from the current one. Rules CN20 and CN25.
 */

import { type DownFrame, PROTOCOL, type UpFrame } from "../protocol/protocol.gen";
import type { Input } from "./state";

const ABNORMAL = 1006; // What a browser reports for a connection that was cut (RFC 6455, section 7.1.5).

type SocketInput = Extract<Input, { type: "opened" | "frame" | "closed" }>;

export interface Line {
  readonly open: (generation: number) => void;
  readonly send: (frame: UpFrame) => void;
  readonly close: () => void;
}

export function createLine(url: string, report: (input: SocketInput) => void): Line {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let socket: WebSocket | null = null;

  const close = () => {
    socket?.close();
    socket = null;
  };

  const open = (generation: number) => {
    const opened = new WebSocket(url, PROTOCOL);
    opened.binaryType = "arraybuffer";
    opened.onopen = () => report({ type: "opened", generation });
    opened.onclose = ({ code }) => report({ type: "closed", generation, code });
    opened.onmessage = ({ data }) => {
      let frame: DownFrame;
      try {
        frame = JSON.parse(decoder.decode(data as ArrayBuffer)) as DownFrame;
      } catch {
        // A server that cannot be understood is left, and tried again like one that is gone.
        opened.close();
        report({ type: "closed", generation, code: ABNORMAL });
        return;
      }
      report({ type: "frame", generation, frame });
    };
    socket = opened;
  };

  const send = (frame: UpFrame) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(encoder.encode(JSON.stringify(frame)));
  };

  return { open, send, close };
}
