"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const platform_1 = require("@govbus/platform");
const app_config_1 = require("./app.config");
const app_module_1 = require("./app.module");
void (0, platform_1.startService)(app_module_1.AppModule, app_config_1.AppConfig);
//# sourceMappingURL=main.js.map