import { refuseByRule } from '../../../../platform/http/ruled-dialect.ts';

/** An OperationOutcome that names the rule and, of what was sent, the field. */
export const refuse: ReturnType<typeof refuseByRule> = refuseByRule(
  'https://openspine.example/CodeSystem/mesh-administration-rule',
);
