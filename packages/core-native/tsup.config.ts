import { library } from '../../tsup.base';

export default library({ entry: { bundle: 'src/names.ts' } });
