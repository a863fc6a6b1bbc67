package proctest

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel kill the process when the tests end in whatever way.
func dieWithParent(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
