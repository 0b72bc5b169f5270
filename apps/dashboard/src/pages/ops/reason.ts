/** Of reasons of orders, which are kept for ever; the server refuses longer ones. */
export const REASON_LENGTH = 500;
