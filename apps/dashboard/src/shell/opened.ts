/** Something that can be opened, and is not loaded before it was for the first time. */
import { useState } from 'react';

export interface Opened {
  readonly isOpen: boolean;
  readonly wasOpened: boolean;
  readonly open: () => void;
  readonly close: () => void;
}

export function useOpened(): Opened {
  const [isOpen, setOpen] = useState(false);
  const [wasOpened, setWasOpened] = useState(false);
  return {
    isOpen,
    wasOpened,
    open: () => {
      setWasOpened(true);
      setOpen(true);
    },
    close: () => setOpen(false),
  };
}
