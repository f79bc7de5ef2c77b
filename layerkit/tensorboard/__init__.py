"""Training as TensorBoard shows it; needs the extra ``tensorboard``."""
