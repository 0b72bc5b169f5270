/** The nonce of this page, which the server made: styles that carry it are allowed to be inserted. */
export function styleNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce ?? '';
}
