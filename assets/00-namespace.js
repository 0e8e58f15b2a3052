// The one name these scripts share. Dash loads them by name, those of folders after those beside it; what a script takes from another
// is loaded before it. Types are JSDoc, checked by tsc: tsconfig.json.
var salesReports = {};
salesReports.shell = {};
salesReports.blocks = {};
salesReports.grid = {};
