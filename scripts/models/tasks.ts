export const taskNames = ['balls', 'ring', 'life'] as const
export type TaskName = (typeof taskNames)[number]
