import { library } from '../../tsup.base';

export default library({ entry: { index: 'src/index.ts', constants: 'src/generated/constants.ts' } });
