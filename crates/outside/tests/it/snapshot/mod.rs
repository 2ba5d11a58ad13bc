mod files;
mod kept;
