/** The texts of the pages in both languages, so that a test can identify a button by its message. */
import accountEn from '../../client/messages/account.en.json' with { type: 'json' }
import accountZh from '../../client/messages/account.zh.json' with { type: 'json' }
import checkEn from '../../client/messages/check.en.json' with { type: 'json' }
import checkZh from '../../client/messages/check.zh.json' with { type: 'json' }
import classEn from '../../client/messages/class.en.json' with { type: 'json' }
import classZh from '../../client/messages/class.zh.json' with { type: 'json' }
import contestEn from '../../client/messages/contest.en.json' with { type: 'json' }
import contestZh from '../../client/messages/contest.zh.json' with { type: 'json' }
import coursesEn from '../../client/messages/courses.en.json' with { type: 'json' }
import coursesZh from '../../client/messages/courses.zh.json' with { type: 'json' }
import debriefEn from '../../client/messages/debrief.en.json' with { type: 'json' }
import debriefZh from '../../client/messages/debrief.zh.json' with { type: 'json' }
import findingsEn from '../../client/messages/findings.en.json' with { type: 'json' }
import findingsZh from '../../client/messages/findings.zh.json' with { type: 'json' }
import gradesEn from '../../client/messages/grades.en.json' with { type: 'json' }
import gradesZh from '../../client/messages/grades.zh.json' with { type: 'json' }
import ladderEn from '../../client/messages/ladder.en.json' with { type: 'json' }
import ladderZh from '../../client/messages/ladder.zh.json' with { type: 'json' }
import ltiEn from '../../client/messages/lti.en.json' with { type: 'json' }
import ltiZh from '../../client/messages/lti.zh.json' with { type: 'json' }
import memberEn from '../../client/messages/member.en.json' with { type: 'json' }
import memberZh from '../../client/messages/member.zh.json' with { type: 'json' }
import platformsEn from '../../client/messages/platforms.en.json' with { type: 'json' }
import platformsZh from '../../client/messages/platforms.zh.json' with { type: 'json' }
import refusalsEn from '../../client/messages/refusals.en.json' with { type: 'json' }
import refusalsZh from '../../client/messages/refusals.zh.json' with { type: 'json' }
import roundEn from '../../client/messages/round.en.json' with { type: 'json' }
import roundZh from '../../client/messages/round.zh.json' with { type: 'json' }
import screenEn from '../../client/messages/screen.en.json' with { type: 'json' }
import screenZh from '../../client/messages/screen.zh.json' with { type: 'json' }
import studentEn from '../../client/messages/student.en.json' with { type: 'json' }
import studentZh from '../../client/messages/student.zh.json' with { type: 'json' }
import teacherEn from '../../client/messages/teacher.en.json' with { type: 'json' }
import teacherZh from '../../client/messages/teacher.zh.json' with { type: 'json' }
import mistakesEn from '../../client/messages/mistakes.en.json' with { type: 'json' }
import mistakesZh from '../../client/messages/mistakes.zh.json' with { type: 'json' }
import resultsEn from '../../client/messages/results.en.json' with { type: 'json' }
import resultsZh from '../../client/messages/results.zh.json' with { type: 'json' }
import privacyEn from '../../client/messages/privacy.en.json' with { type: 'json' }
import privacyZh from '../../client/messages/privacy.zh.json' with { type: 'json' }
import practiceEn from '../../client/messages/practice.en.json' with { type: 'json' }
import practiceZh from '../../client/messages/practice.zh.json' with { type: 'json' }
import tutorialEn from '../../client/messages/tutorial.en.json' with { type: 'json' }
import tutorialZh from '../../client/messages/tutorial.zh.json' with { type: 'json' }
import wireEn from '../../client/messages/wire.en.json' with { type: 'json' }
import wireZh from '../../client/messages/wire.zh.json' with { type: 'json' }
import type { Lang } from '../../protocol/round/model/exercise.ts'

const TEXTS = {
  en: {
    ...accountEn,
    ...checkEn,
    ...classEn,
    ...gradesEn,
    ...coursesEn,
    ...memberEn,
    ...contestEn,
    ...findingsEn,
    ...refusalsEn,
    ...ladderEn,
    ...ltiEn,
    ...platformsEn,
    ...screenEn,
    ...studentEn,
    ...roundEn,
    ...tutorialEn,
    ...wireEn,
    ...practiceEn,
    ...privacyEn,
    ...mistakesEn,
    ...resultsEn,
    ...teacherEn,
    ...debriefEn,
  },
  zh: {
    ...accountZh,
    ...checkZh,
    ...classZh,
    ...gradesZh,
    ...coursesZh,
    ...memberZh,
    ...contestZh,
    ...findingsZh,
    ...refusalsZh,
    ...ladderZh,
    ...ltiZh,
    ...platformsZh,
    ...screenZh,
    ...studentZh,
    ...roundZh,
    ...tutorialZh,
    ...wireZh,
    ...practiceZh,
    ...privacyZh,
    ...mistakesZh,
    ...resultsZh,
    ...teacherZh,
    ...debriefZh,
  },
}

/** Returns a message of `client/messages` with its inputs inserted. */
export type Say = (message: keyof typeof TEXTS.en, inputs?: { readonly [name: string]: string | number }) => string

export const sayIn =
  (lang: Lang): Say =>
  (message, inputs = {}) =>
    TEXTS[lang][message].replace(/\{(\w+)\}/g, (_, name: string) => `${inputs[name]}`)
