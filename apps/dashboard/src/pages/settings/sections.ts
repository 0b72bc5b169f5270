/** The parts of the settings, and for whom each is: the server decides the same for what they read. */
import type { Me } from '../../api/session.js';

export const SECTIONS = ['general', 'tiers', 'webhooks', 'tokens', 'people', 'about'] as const;
export type Section = (typeof SECTIONS)[number];

export const SECTION_NAMES: Readonly<Record<Section, string>> = {
  general: 'General',
  tiers: 'Tiers',
  webhooks: 'Webhooks',
  tokens: 'Tokens',
  people: 'People',
  about: 'About',
};

/** They are a creator's; the others are the ledger's. */
export const isOfCreator = (section: Section): boolean =>
  section === 'general' || section === 'tiers';

/** Of the whole ledger: an admin, or an auditor of all. */
const isOfAll = ({ role, creatorId }: Me): boolean =>
  role === 'admin' || (role === 'auditor' && creatorId === null);

export function sectionsFor(me: Me): readonly Section[] {
  if (!['admin', 'auditor', 'creator'].includes(me.role)) return [];
  return SECTIONS.filter((section) => {
    if (section === 'tokens') return me.role === 'admin';
    if (section === 'webhooks' || section === 'about') return isOfAll(me);
    return true;
  });
}

/** Only an admin orders anything here. */
export const mayOrder = (me: Me | undefined): boolean => me?.role === 'admin';
