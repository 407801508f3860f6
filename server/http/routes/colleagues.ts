/** The accounts of the installation, for its owner. */
import type { AccountAdmin } from '../../identity/account-admin.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface ColleagueDeps {
  readonly accounts: AccountAdmin
  /** Called when all of this teacher's cookies have become invalid. */
  readonly onSignedOut: (teacherId: string) => void
}

export const colleagueHandlers = ({ accounts, onSignedOut }: ColleagueDeps): RouteHandlers<RoutesBelow<'/api/colleagues'>> => ({
  'GET /api/colleagues': () => accounts.list(),

  'POST /api/colleagues': ({ body }) => accounts.invite(body),

  'PATCH /api/colleagues/:teacher': async (request) => {
    const { teacher } = request.params
    await accounts.change(requireTeacher(request).id, teacher, request.body)
    if (request.body.blocked === true) onSignedOut(teacher)
    return accounts.list()
  },

  'POST /api/colleagues/:teacher/reset': async (request) => {
    const { teacher } = request.params
    const invited = await accounts.reset(teacher)
    onSignedOut(teacher)
    return invited
  },
})
