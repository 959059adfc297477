/** In which order Fields of other Sections are offered. */

import type { FieldDefinition, Key } from "../../protocol/protocol.gen";

/** Filled ones first, each part as in the document. */
export function filledFirst(
  fields: readonly FieldDefinition[],
  isFilled: (field: FieldDefinition) => boolean,
): readonly Key[] {
  return fields.toSorted((one, other) => Number(isFilled(other)) - Number(isFilled(one))).map(({ key }) => key);
}

/** As they stood before; those that are new come last. */
export function inOrder(fields: readonly FieldDefinition[], order: readonly Key[]): readonly FieldDefinition[] {
  const place = ({ key }: FieldDefinition): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return fields.toSorted((one, other) => place(one) - place(other));
}
