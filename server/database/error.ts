/** A database problem that the operator can solve. The message says what is wrong and what to do. */
export class DatabaseError extends Error {}
