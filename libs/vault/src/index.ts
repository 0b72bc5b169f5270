export { DATA_KEY_FILE, dataKeysOf, vaultOf } from './data-key.js';
export { Marks } from './marks.js';
export { Names, placeOfProfile, type SealedName } from './names.js';
export {
  openProfile,
  type ProfileWords,
  type SealedProfile,
  sealProfile,
  type Whose,
} from './profile.js';
export { remembered } from './remembered.js';
export { KEY_BYTES, type Purpose, SEAL_BYTES, Vault } from './vault.js';
export { VaultError, type VaultErrorCode } from './vault-error.js';
export {
  beginSealing,
  isPlain,
  openSecret,
  sealingBegun,
  storedSecret,
  storeSealed,
  wordsSecret,
} from './words-secret.js';
