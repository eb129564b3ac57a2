/** Defines since when the simulator has its lists, campaigns and programs: as long as its fields. Data only. */
export const CREATED_AT = '2026-01-15T09:00:00Z'
