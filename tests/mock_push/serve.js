// Runs the push service of the package web-push-testing, which by itself listens on every address, on loopback
// only; prints its port, and ends when the test that started it does.
const http = require("http");
const Server = require("web-push-testing/src/server.js");
const { PushApiModel } = require("web-push-testing/src/PushApiModel.js");

const model = new PushApiModel();
const service = new Server(model, 0);
service._app.listen = () => {
  const listening = http.createServer(service._app).listen(0, "127.0.0.1", () => {
    const { port } = listening.address();
    model.notifyUrl = `http://127.0.0.1:${port}/notify/`;
    console.log(port);
  });
  return listening;
};
service.startServer();
process.stdin.on("end", () => process.exit()).resume();
