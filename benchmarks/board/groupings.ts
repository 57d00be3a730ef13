/** What can stand side by side in the columns of a table. */
export const groupings = ['environment', 'size', 'condition', 'shift', 'family'] as const
export type Grouping = (typeof groupings)[number]
