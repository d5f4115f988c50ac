-- Run once by the postgres image, on an empty volume: a database for each service, which migrates it at its start.
CREATE DATABASE departments;
CREATE DATABASE data_catalog;
CREATE DATABASE exchange;
CREATE DATABASE case_routing;
CREATE DATABASE audit;
