/** The version of the engine, stored with every verdict. It is raised whenever a change of the code may change a judgement. */
export const ENGINE_VERSION = '0.2.12'
