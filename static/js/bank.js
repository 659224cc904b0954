// The way back works without script too: this only presses the button.
document.querySelector("#return button")?.click();
