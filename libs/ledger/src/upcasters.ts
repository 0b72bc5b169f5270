/** Old stored shapes of the ledger's events and how each becomes today's. None yet: every shape is the first. */
export const ledgerUpcasters = {} as const;
