// What the parts of the page ask of each other.
import type { PageData } from '../src/html-report/page-data.js';
import { button } from './dom.js';
import type { Model, Pin } from './model.js';

export interface Context {
  data: PageData;
  model: Model;
  /** Opens the details of a pin. */
  open: (pin: number) => void;
  /** Shows a pin in the dependency picture. */
  locate: (pin: number) => void;
}

/** The name of a pin, as a button that opens its details. */
export function pinButton({ open }: Context, { index, name }: Pin): HTMLButtonElement {
  return button(
    name,
    () => {
      open(index);
    },
    { class: 'pin' },
  );
}
