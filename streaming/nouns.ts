/** The five places on the path, in path order. They name fields, ports, services, metrics and columns alike. */
export const nouns = ['source', 'landing', 'topic', 'stream', 'table'] as const;

export type Noun = (typeof nouns)[number];
